/** `POST /orders`: charge the card, then store the order as paid. */

import express from 'express'

import { db } from './database.ts'
import { orders, type Order } from './schema.ts'

const MOST_CENTS = 100_000_000

const app = express()
app.use(express.json())

app.get('/health', (_request, response) => {
  response.json({ status: 'ok' })
})

app.post('/orders', async (request, response) => {
  const { userId, amountCents, idempotencyKey } = request.body
  if (!userId || !isAmount(amountCents)) {
    response.status(400).json({ error: 'userId and amountCents required' })
    return
  }

  try {
    await charge(userId, amountCents, idempotencyKey)
  } catch {
    response.status(402).json({ error: 'payment_failed' })
    return
  }

  try {
    const order = await store({ userId, amountCents, idempotencyKey, status: 'paid' })
    response.status(201).json(order)
  } catch {
    response.status(503).json({ error: 'order_persist_failed', retryable: true })
  }
})

function isAmount(value: unknown): value is number {
  return Number.isInteger(value) && 0 < Number(value) && Number(value) <= MOST_CENTS
}

async function charge(userId: string, amountCents: number, key?: string) {
  const reply = await fetch('https://api.payments.example/v1/charges', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(key && { 'Idempotency-Key': key }) },
    body: JSON.stringify({ userId, amountCents }),
  })
  await reply.text()
  if (!reply.ok) throw new Error(`the provider answered ${reply.status}`)
}

async function store(order: typeof orders.$inferInsert): Promise<Partial<Order>> {
  const { id, userId, amountCents, status } = orders
  const [stored] = await db.transaction((transaction) =>
    transaction.insert(orders).values(order).returning({ id, userId, amountCents, status }),
  )
  return stored
}

app.listen(Number(process.env.PORT), '127.0.0.1')
