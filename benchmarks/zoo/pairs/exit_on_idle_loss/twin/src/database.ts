/** The connection pool. Every wait has an end, at the server and here. */

import pg from 'pg'

export const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  connectionTimeoutMillis: 1500,
  query_timeout: 2000,
  options: '-c statement_timeout=1500',
})
pool.on('error', (error) => console.error('an idle connection was lost:', error.message))
