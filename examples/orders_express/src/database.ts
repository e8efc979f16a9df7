/** The connection pool. Its guards are the server's: a statement and a transaction end after a while. */

import { drizzle } from 'drizzle-orm/node-postgres'
import pg from 'pg'

export const pool = new pg.Pool({
  host: process.env.DB_HOST,
  port: Number(process.env.DB_PORT),
  user: process.env.DB_USER,
  password: process.env.DB_PASSWORD,
  database: process.env.DB_NAME,
  options: '-c statement_timeout=2000 -c transaction_timeout=3000',
})
// A lost connection also fails the statement that waits on it; heard by nobody, it would end the process.
const tell = (error: Error) => console.error('a connection was lost:', error.message)
pool.on('error', tell)
pool.on('connect', (client) => client.on('error', tell))

export const db = drizzle(pool)
