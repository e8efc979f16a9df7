"""Tables as Drizzle and Prisma declare them."""

DRIZZLE = """
import { pgTable, serial, text, integer, timestamp } from 'drizzle-orm/pg-core'
export const users = pgTable('app_users', { id: serial('id').primaryKey(), email: text().notNull() })
export const orders = pgTable('orders', {
  id: serial().primaryKey(),
  userId: integer('user_id').notNull().references(() => users.id, { onDelete: 'cascade' }),
  // kept for accounts
  note: text(),
  createdAt: timestamp('created_at').notNull().defaultNow(),
})
"""

PRISMA = """
generator client { provider = "prisma-client-js" }
model User {
  id     Int     @id @default(autoincrement())
  email  String  @unique // how they sign in
  name   String? @map("full_name")
  orders Order[]
  card   Card?
  @@map("app_users")
}
model Order {
  id     Int   @id @default(autoincrement())
  userId Int   @map("user_id")
  user   User  @relation(fields: [userId], references: [id])
  state  State
}
model Card {
  id     Int  @id
  owner  User @relation(fields: [id], references: [id])
}
enum State { NEW PAID }
"""


def told(table):
    return [(one.name, one.type, one.required, one.references) for one in table.columns]


def test_a_drizzle_table_is_known_by_its_variable_with_its_columns(read_files):
    code = read_files({"db/schema.ts": DRIZZLE})

    table = code.tables["db.schema.orders"]
    assert (table.name, str(table.place)) == ("orders", "db/schema.ts:4")
    assert told(table) == [
        ("id", "serial", False, ""),
        ("user_id", "integer", True, "app_users.id"),
        ("note", "text", False, ""),
        ("created_at", "timestamp", False, ""),
    ]


def test_a_table_made_by_a_creator_of_the_projects_own_is_known(read_files):
    code = read_files(
        {
            "schema.ts": "import { pgTableCreator, text } from 'drizzle-orm/pg-core'\n"
            "const make = pgTableCreator((name) => `shop_${name}`)\n"
            "export const carts = make('cart', { id: text('id') })"
        }
    )

    assert code.tables["schema.carts"].name == "shop_cart"


def test_a_prisma_model_is_known_by_its_name_in_the_client_and_its_table(read_files):
    code = read_files({"prisma/schema.prisma": PRISMA, "src/app.ts": "export {}"})

    assert told(code.tables["prisma.user"]) == [
        ("id", "int", False, ""),
        ("email", "string", True, ""),
        ("full_name", "string", False, ""),
    ]
    assert code.tables["prisma.user"].name == "app_users"
    assert str(code.tables["prisma.order"].place) == "prisma/schema.prisma:11"


def test_a_prisma_relation_is_a_reference_and_an_enum_a_column(read_files):
    code = read_files({"prisma/schema.prisma": PRISMA, "src/app.ts": "export {}"})

    assert told(code.tables["prisma.order"]) == [
        ("id", "int", False, ""),
        ("user_id", "int", True, "app_users.id"),
        ("state", "state", True, ""),
    ]
