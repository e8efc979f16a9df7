/** `POST /bookings`: seats for an evening, once for each key. */

import express, { type NextFunction, type Request, type Response } from 'express'

import { pool } from './database.ts'

const MOST_SEATS = 12
const INSERT = `INSERT INTO bookings (key, email, seats) VALUES ($1, $2, $3)
  ON CONFLICT (key) DO NOTHING RETURNING id, email, seats`
const FIRST = 'SELECT id, email, seats FROM bookings WHERE key = $1'

const app = express()
app.use(express.json())

app.get('/health', (_request, response) => {
  response.json({ status: 'ok' })
})

app.post('/bookings', async (request, response) => {
  const { email, seats, key } = request.body ?? {}
  if (!isText(email) || !isText(key) || !isSeats(seats)) {
    response.status(400).json({ error: 'email, seats and key required' })
    return
  }
  const fresh = await pool.query(INSERT, [key, email, seats])
  const kept = fresh.rows.length > 0 ? fresh : await pool.query(FIRST, [key])
  response.status(201).json(kept.rows[0])
})

function isText(value: unknown): value is string {
  return typeof value === 'string' && 0 < value.length && value.length <= 200
}

function isSeats(value: unknown): value is number {
  return Number.isInteger(value) && 0 < Number(value) && Number(value) <= MOST_SEATS
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
