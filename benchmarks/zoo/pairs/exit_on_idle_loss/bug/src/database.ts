/** The connection pool. Every wait has an end, at the server and here. */

import pg from 'pg'

export const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  connectionTimeoutMillis: 500,
  query_timeout: 700,
  options: '-c statement_timeout=500',
})
