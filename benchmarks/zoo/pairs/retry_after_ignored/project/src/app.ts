/** `POST /shipments`: buy a label of the carrier, and keep its tracking number. */

import { eq } from 'drizzle-orm'
import express, { type NextFunction, type Request, type Response } from 'express'

import { CarrierBusy, CarrierDown, label } from './carrier.ts'
import { db } from './database.ts'
import { shipments } from './schema.ts'

const app = express()
app.use(express.json())

app.get('/health', (_request, response) => {
  response.json({ status: 'ok' })
})

app.post('/shipments', async (request, response) => {
  const { orderNo, address } = request.body ?? {}
  if (!isText(orderNo) || !isText(address)) {
    response.status(400).json({ error: 'orderNo and address required' })
    return
  }
  const { id: labelId, tracking } = await label({ reference: orderNo, address }, `order-${orderNo}`)
  await db.insert(shipments).values({ orderNo, address, labelId, tracking }).onConflictDoNothing()
  const [kept] = await db.select().from(shipments).where(eq(shipments.orderNo, orderNo))
  response.status(201).json(kept)
})

function isText(value: unknown): value is string {
  return typeof value === 'string' && 0 < value.length && value.length <= 200
}

app.use((error: Error, _request: Request, response: Response, next: NextFunction) => {
  if (error instanceof CarrierBusy) {
    response.set('Retry-After', error.retryAfter).status(503).json({ error: 'carrier_busy', retryable: true })
  } else if (error instanceof CarrierDown) {
    response.status(502).json({ error: 'carrier_unavailable', retryable: true })
  } else next(error)
})

app.use((error: Error & { status?: number }, _request: Request, response: Response, _next: NextFunction) => {
  if (error.status && error.status < 500) {
    response.status(error.status).json({ error: 'bad_request' })
    return
  }
  console.error('not served:', error.message)
  response.status(503).json({ error: 'unavailable', retryable: true })
})

app.listen(Number(process.env.PORT), '127.0.0.1')
