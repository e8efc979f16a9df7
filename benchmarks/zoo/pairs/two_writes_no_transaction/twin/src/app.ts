/** `POST /orders`: an order and its lines. */

import express, { type NextFunction, type Request, type Response } from 'express'

import { db } from './database.ts'
import { orderLines, orders } from './schema.ts'

type Line = { sku: string; quantity: number }

const MOST_LINES = 50
const MOST_OF_ONE = 1000

const app = express()
app.use(express.json())

app.get('/health', (_request, response) => {
  response.json({ status: 'ok' })
})

app.post('/orders', async (request, response) => {
  const { orderNo, lines } = request.body ?? {}
  if (!isText(orderNo) || !isLines(lines)) {
    response.status(400).json({ error: 'orderNo and lines required' })
    return
  }
  await store(orderNo, lines)
  response.status(201).json({ orderNo, lines: lines.length })
})

/** Once for each order number: what is there already stays as it is. */
async function store(orderNo: string, lines: Line[]) {
  const rows = lines.map(({ sku, quantity }, index) => ({ orderNo, position: index + 1, sku, quantity }))
  await db.transaction(async (transaction) => {
    await transaction.insert(orders).values({ orderNo }).onConflictDoNothing()
    await transaction.insert(orderLines).values(rows).onConflictDoNothing()
  })
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && 0 < value.length && value.length <= 100
}

function isLines(value: unknown): value is Line[] {
  return Array.isArray(value) && 0 < value.length && value.length <= MOST_LINES && value.every(isLine)
}

function isLine(value: any) {
  return isText(value?.sku) && Number.isInteger(value.quantity) && 0 < value.quantity && value.quantity <= MOST_OF_ONE
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
