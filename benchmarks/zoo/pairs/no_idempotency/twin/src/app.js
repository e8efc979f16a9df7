/** `POST /donations`: a donation, and its entry in the books, in one transaction. */

import express from 'express'

import { inTransaction } from './database.js'

const MOST_CENTS = 10_000_000
const INSERT = `INSERT INTO donations (key, donor, amount_cents) VALUES ($1, $2, $3)
  ON CONFLICT (key) DO NOTHING RETURNING id, donor, amount_cents`
const FIRST = 'SELECT id, donor, amount_cents FROM donations WHERE key = $1'
const BOOK = 'INSERT INTO entries (donation_id, amount_cents) VALUES ($1, $2)'

const app = express()
app.use(express.json())

app.get('/health', (request, response) => {
  response.json({ status: 'ok' })
})

app.post('/donations', async (request, response) => {
  const { donor, amountCents, key } = request.body ?? {}
  if (!isText(donor) || !isText(key) || !isAmount(amountCents)) {
    response.status(400).json({ error: 'donor, amountCents and key required' })
    return
  }
  const donation = await inTransaction((client) => donate(client, key, donor, amountCents))
  response.status(201).json(donation)
})

async function donate(client, key, donor, amountCents) {
  const stored = await client.query(INSERT, [key, donor, amountCents])
  if (stored.rows.length === 0) return (await client.query(FIRST, [key])).rows[0]
  await client.query(BOOK, [stored.rows[0].id, amountCents])
  return stored.rows[0]
}

function isText(value) {
  return typeof value === 'string' && 0 < value.length && value.length <= 200
}

function isAmount(value) {
  return Number.isInteger(value) && 0 < value && value <= MOST_CENTS
}

app.use((error, request, response, _next) => {
  if (error.status && error.status < 500) {
    response.status(error.status).json({ error: 'bad_request' })
    return
  }
  console.error('not served:', error.message)
  response.status(503).json({ error: 'unavailable', retryable: true })
})

app.listen(Number(process.env.PORT), '127.0.0.1')
