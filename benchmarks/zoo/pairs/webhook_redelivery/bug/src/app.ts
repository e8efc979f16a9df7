/** Wallet top-ups: a charge is asked for, and its money is booked when the provider says it was paid. */

import { createHmac, timingSafeEqual } from 'node:crypto'

import express, { type NextFunction, type Request, type Response } from 'express'

import { db } from './database.ts'
import { credits } from './schema.ts'

const MOST_CENTS = 1_000_000

const app = express()

app.get('/health', (_request, response) => {
  response.json({ status: 'ok' })
})

app.post('/payment-events', express.raw({ type: 'application/json' }), async (request, response) => {
  if (!isSigned(request.body, request.get('Payment-Signature') ?? '')) {
    response.status(400).json({ error: 'bad_signature' })
    return
  }
  const event = JSON.parse(request.body.toString())
  if (event.type === 'charge.succeeded') {
    const { id: chargeId, accountId, amountCents } = event.data
    await db.insert(credits).values({ eventId: event.id, chargeId, accountId, amountCents })
  }
  response.json({ received: true })
})

app.use(express.json())

app.post('/topups', async (request, response) => {
  const { accountId, amountCents } = request.body ?? {}
  const key = request.get('Idempotency-Key')
  if (!isName(accountId) || !isAmount(amountCents) || !isName(key)) {
    response.status(400).json({ error: 'accountId, amountCents and Idempotency-Key required' })
    return
  }
  const [status, answer] = await charge({ accountId, amountCents }, key)
  if (status === 429) response.set('Retry-After', answer.retryAfter)
  if (status === 202 && isName(answer.id)) response.status(202).json({ chargeId: answer.id })
  else if (status === 402) response.status(402).json({ error: 'payment_declined' })
  else response.status(503).json({ error: 'payment_unavailable', retryable: true })
})

function isName(value: unknown): value is string {
  return typeof value === 'string' && 0 < value.length && value.length <= 100
}

function isAmount(value: unknown): value is number {
  return Number.isInteger(value) && 0 < Number(value) && Number(value) <= MOST_CENTS
}

function isSigned(body: Buffer, signature: string) {
  const right = createHmac('sha256', process.env.WEBHOOK_SECRET!).update(body).digest('hex')
  return signature.length === right.length && timingSafeEqual(Buffer.from(signature), Buffer.from(right))
}

/** The provider's status and answer; status 0 where there was none to be had in time. */
async function charge(wanted: object, key: string): Promise<[number, any]> {
  try {
    const reply = await fetch(`${process.env.PAYMENTS_URL}/v1/charges`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
      body: JSON.stringify(wanted),
      signal: AbortSignal.timeout(500),
    })
    const answer = await reply.json()
    return [reply.status, reply.status === 429 ? { retryAfter: reply.headers.get('Retry-After') ?? '1' } : answer]
  } catch (error) {
    console.error('no answer of the provider:', (error as Error).message)
    return [0, {}]
  }
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
