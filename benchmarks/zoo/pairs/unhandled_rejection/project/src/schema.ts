/** Notes: one for each key. */

import { bigint, pgTable, text } from 'drizzle-orm/pg-core'

export const notes = pgTable('notes', {
  id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  key: text().notNull().unique(),
  customer: text().notNull(),
  text: text().notNull(),
})
