/** `POST /notes`: a note on a customer, once for each key. */

import express, { type NextFunction, type Request, type Response } from 'express'

import { db } from './database.ts'
import { notes } from './schema.ts'

const app = express()
app.use(express.json())

app.get('/health', (_request, response) => {
  response.json({ status: 'ok' })
})

app.post('/notes', (request, response) => {
  const { customer, text, key } = request.body ?? {}
  if (!isText(customer, 100) || !isText(text, 2000) || !isText(key, 100)) {
    response.status(400).json({ error: 'customer, text and key required' })
    return
  }
  store({ customer, text, key }).then((note) => {
    response.status(201).json({ id: note.id, customer: note.customer })
  })
})

async function store(note: typeof notes.$inferInsert) {
  const again = { target: notes.key, set: { customer: note.customer, text: note.text } }
  const [kept] = await db.insert(notes).values(note).onConflictDoUpdate(again).returning()
  return kept
}

function isText(value: unknown, most: number): value is string {
  return typeof value === 'string' && 0 < value.length && value.length <= most
}

app.use((error: Error & { status?: number }, _request: Request, response: Response, _next: NextFunction) => {
  if (error.status && error.status < 500) {
    response.status(error.status).json({ error: 'bad_request' })
    return
  }
  console.error('not served:', error.message)
  response.status(503).json({ error: 'unavailable', retryable: true })
})

app.listen(Number(process.env.PORT), '127.0.0.1')
