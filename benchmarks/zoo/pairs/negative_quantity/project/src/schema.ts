/** Reservations: one for each key. */

import { bigint, integer, pgTable, text } from 'drizzle-orm/pg-core'

export const reservations = pgTable('reservations', {
  id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  key: text().notNull().unique(),
  sku: text().notNull(),
  quantity: integer().notNull(),
})
