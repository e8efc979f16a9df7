/** `POST /reservations`: so many of one thing are kept back for somebody. */

import { eq } from 'drizzle-orm'
import express, { type NextFunction, type Request, type Response } from 'express'

import { db } from './database.ts'
import { reservations } from './schema.ts'

const MOST = 100

const app = express()
app.use(express.json())

app.get('/health', (_request, response) => {
  response.json({ status: 'ok' })
})

app.post('/reservations', async (request, response) => {
  const { sku } = request.body ?? {}
  const quantity = clamped(request.body?.quantity)
  const key = request.get('Idempotency-Key')
  if (!isText(sku) || !isText(key)) {
    response.status(400).json({ error: 'sku and Idempotency-Key required' })
    return
  }
  await db.insert(reservations).values({ key, sku, quantity }).onConflictDoNothing()
  const [kept] = await db.select().from(reservations).where(eq(reservations.key, key))
  response.status(201).json({ id: kept.id, sku: kept.sku, quantity: kept.quantity })
})

function isText(value: unknown): value is string {
  return typeof value === 'string' && 0 < value.length && value.length <= 100
}

/** At least one, and no more than there may be. */
function clamped(value: unknown) {
  return Math.min(Math.max(Math.trunc(Number(value)) || 1, 1), MOST)
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
