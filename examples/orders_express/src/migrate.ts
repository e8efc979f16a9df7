/** Brings the database up to date, and ends. */

import { migrate } from 'drizzle-orm/node-postgres/migrator'

import { db, pool } from './database.ts'

await migrate(db, { migrationsFolder: 'migrations' })
await pool.end()
