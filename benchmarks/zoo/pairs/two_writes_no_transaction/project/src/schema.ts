/** Orders and their lines. */

import { integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'

export const orders = pgTable('orders', {
  orderNo: text('order_no').primaryKey(),
})

export const orderLines = pgTable(
  'order_lines',
  {
    orderNo: text('order_no').notNull(),
    position: integer().notNull(),
    sku: text().notNull(),
    quantity: integer().notNull(),
  },
  (table) => [primaryKey({ columns: [table.orderNo, table.position] })],
)
