/** The orders table. */

import { bigint, integer, pgTable, varchar } from 'drizzle-orm/pg-core'

export const orders = pgTable('orders', {
  id: bigint({ mode: 'number' }).primaryKey().generatedByDefaultAsIdentity(),
  userId: varchar('user_id').notNull(),
  amountCents: integer('amount_cents').notNull(),
  idempotencyKey: varchar('idempotency_key'),
  status: varchar().notNull(),
})

export type Order = typeof orders.$inferSelect
