/** The connection pool, and transactions over it. Every wait has an end, at the server and here. */

import pg from 'pg'

export const pool = new pg.Pool({
  connectionString: process.env.DATABASE_URL,
  connectionTimeoutMillis: 500,
  query_timeout: 700,
  options: '-c statement_timeout=500 -c transaction_timeout=800',
})
// A lost connection also fails the statement that waits on it; heard by nobody, it would end the process.
const tell = (error) => console.error('a connection was lost:', error.message)
pool.on('error', tell)
pool.on('connect', (client) => client.on('error', tell))

/** What the work comes to, committed; a client that failed at it goes back to no one. */
export async function inTransaction(work) {
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    const result = await work(client)
    await client.query('COMMIT')
    client.release()
    return result
  } catch (error) {
    client.release(error)
    throw error
  }
}
