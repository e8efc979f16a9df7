/** Money that was paid in: one row for each event that says so. */

import { bigint, integer, pgTable, text } from 'drizzle-orm/pg-core'

export const credits = pgTable('credits', {
  id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  eventId: text('event_id').notNull(),
  chargeId: text('charge_id').notNull(),
  accountId: text('account_id').notNull(),
  amountCents: integer('amount_cents').notNull(),
})
