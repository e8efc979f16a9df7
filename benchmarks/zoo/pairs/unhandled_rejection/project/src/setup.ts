/** Creates the tables, and ends. */

import { readFile } from 'node:fs/promises'

import { pool } from './database.ts'

await pool.query(await readFile('schema.sql', 'utf8'))
await pool.end()
