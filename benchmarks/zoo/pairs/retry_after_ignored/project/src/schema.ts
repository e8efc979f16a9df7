/** Shipments: one for each order. */

import { bigint, pgTable, text } from 'drizzle-orm/pg-core'

export const shipments = pgTable('shipments', {
  id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  orderNo: text('order_no').notNull().unique(),
  address: text().notNull(),
  labelId: text('label_id').notNull(),
  tracking: text().notNull(),
})
