/** Orders: one for each of a user's keys. */

import { bigint, integer, pgTable, text, unique } from 'drizzle-orm/pg-core'

export const orders = pgTable(
  'orders',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    userId: text('user_id').notNull(),
    key: text().notNull(),
    sku: text().notNull(),
    quantity: integer().notNull(),
  },
  (table) => [unique().on(table.userId, table.key)],
)
