// The same service in Node: `node service.mjs PORT` answers requests, `node service.mjs worker` looks at tokens.
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import pg from 'pg'

const ISSUE = "INSERT INTO tokens VALUES ($1, now() + interval '24 hours') RETURNING expires_at"
const LOOK = 'SELECT expires_at, expires_at > now() AS there FROM tokens WHERE token = $1'
const CHANGED = `SELECT t.token, t.expires_at, t.expires_at > now() AS there
  FROM tokens t LEFT JOIN seen s USING (token)
  WHERE s.token IS NULL OR s.alive_there <> (t.expires_at > now())`
const NOTE = `INSERT INTO seen VALUES ($1, $2, $3) ON CONFLICT (token)
  DO UPDATE SET alive_here = excluded.alive_here, alive_there = excluded.alive_there`

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2 })

async function answer(request) {
  if (request.url === '/now') {
    const { rows } = await pool.query('SELECT extract(epoch FROM now())::float8 AS there')
    return [200, { here: Date.now() / 1000, there: rows[0].there }]
  }
  if (request.url === '/tokens') {
    const token = randomBytes(12).toString('hex')
    const { rows } = await pool.query(ISSUE, [token])
    return [201, { token, expires_at: rows[0].expires_at.toISOString() }]
  }
  const token = (request.headers.authorization ?? '').replace('Bearer ', '')
  const { rows } = await pool.query(LOOK, [token])
  if (!rows.length) return [401, { error: 'unknown' }]
  if (rows[0].expires_at <= new Date()) return [401, { error: 'expired', alive_there: rows[0].there }]
  return [200, { alive_there: rows[0].there }]
}

async function work() {
  console.log('worker: ready')
  for (;;) {
    const { rows } = await pool.query(CHANGED)
    for (const one of rows) await pool.query(NOTE, [one.token, one.expires_at > new Date(), one.there])
    await new Promise((done) => setTimeout(done, 20))
  }
}

if (process.argv[2] === 'worker') await work()
createServer(async (request, response) => {
  const [status, content] = await answer(request)
  const body = JSON.stringify(content)
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.length })
  response.end(body)
}).listen(Number(process.argv[2]), '127.0.0.1')
