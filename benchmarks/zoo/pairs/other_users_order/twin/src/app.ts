/** Orders: whoever is signed in places them, and looks at them. */

import { createHmac, timingSafeEqual } from 'node:crypto'

import { and, eq } from 'drizzle-orm'
import express, { type NextFunction, type Request, type Response } from 'express'

import { db } from './database.ts'
import { orders } from './schema.ts'

const MOST = 100

const app = express()
app.use(express.json())

app.get('/health', (_request, response) => {
  response.json({ status: 'ok' })
})

app.use('/orders', (request, response, next) => {
  const user = signedIn(request.get('Authorization') ?? '')
  response.locals.user = user
  if (user) next()
  else response.status(401).json({ error: 'sign_in_first' })
})

app.post('/orders', async (request, response) => {
  const userId: string = response.locals.user
  const { sku, quantity } = request.body ?? {}
  const key = request.get('Idempotency-Key')
  if (!isText(sku) || !isQuantity(quantity) || !isText(key)) {
    response.status(400).json({ error: 'sku, quantity and Idempotency-Key required' })
    return
  }
  await db.insert(orders).values({ userId, key, sku, quantity }).onConflictDoNothing()
  const [order] = await db.select().from(orders).where(and(eq(orders.userId, userId), eq(orders.key, key)))
  response.status(201).json(shown(order))
})

app.get('/orders/:id', async (request, response) => {
  const id = /^\d{1,15}$/.test(request.params.id) ? Number(request.params.id) : 0
  const [order] = await db
    .select()
    .from(orders)
    .where(and(eq(orders.id, id), eq(orders.userId, response.locals.user)))
  if (order) response.json(shown(order))
  else response.status(404).json({ error: 'no_such_order' })
})

function shown({ id, sku, quantity }: typeof orders.$inferSelect) {
  return { id, sku, quantity }
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && 0 < value.length && value.length <= 100
}

function isQuantity(value: unknown): value is number {
  return Number.isInteger(value) && 0 < Number(value) && Number(value) <= MOST
}

/** Whom a token `NAME.SIGNATURE` belongs to; nobody where it was not signed here. */
function signedIn(header: string) {
  const [, user, signature] = /^Bearer (\w+)\.(\w+)$/.exec(header) ?? []
  if (!user || !signature) return undefined
  const right = createHmac('sha256', process.env.SESSION_SECRET!).update(user).digest('hex')
  const same = signature.length === right.length
  return same && timingSafeEqual(Buffer.from(signature), Buffer.from(right)) ? user : undefined
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
