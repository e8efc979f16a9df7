/** The connection pool. Every wait has an end, at the server and here. */

import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'

export const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  connectionTimeoutMillis: 500,
  query_timeout: 700,
  options: '-c statement_timeout=500 -c transaction_timeout=800',
})
// A lost connection also fails the statement that waits on it; heard by nobody, it would end the process.
const tell = (error: Error) => console.error('a connection was lost:', error.message)
pool.on('error', tell)
pool.on('connect', (client) => client.on('error', tell))

export const db = drizzle(pool)
