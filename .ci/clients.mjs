// Quick starts of Drizzle and Kysely against the local stack: by the Data API's endpoint, and by the shim that invokes the
// function. Arguments: the function, the cluster's ARN, the secret's ARN. AWS_ENDPOINT_URL names the stack.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { RDSData, RDSDataClient } from "@aws-sdk/client-rds-data";
import { and, eq, gt, inArray, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/aws-data-api/pg";
import {
  bigint, boolean, date, doublePrecision, integer, jsonb, numeric, pgTable, real, serial, smallint, text, time,
  timestamp, uuid, varchar,
} from "drizzle-orm/pg-core";
import { Kysely } from "kysely";
import { DataApiDialect } from "kysely-data-api";
import { LambdaDataApi } from "./lambda-data-api.mjs";

const [functionName, resourceArn, secretArn] = process.argv.slice(2);
const database = "postgres";

const things = pgTable("client_things", {
  id: serial().primaryKey(),
  name: text().notNull(),
  short: varchar({ length: 20 }),
  small: smallint(),
  count: integer(),
  large: bigint({ mode: "number" }),
  ratio: doublePrecision(),
  single: real(),
  price: numeric({ precision: 12, scale: 2 }),
  done: boolean(),
  key: uuid(),
  data: jsonb(),
  at: timestamp({ mode: "date" }),
  atZone: timestamp("at_zone", { mode: "date", withTimezone: true }),
  day: date(),
  hour: time(),
  tags: text().array(),
});

async function drizzleQuickStart(client) {
  const db = drizzle(client, { database, resourceArn, secretArn });
  await db.execute(sql`DROP TABLE IF EXISTS client_things`);
  await db.execute(sql`CREATE TABLE client_things (id serial PRIMARY KEY, name text NOT NULL, short varchar(20), small int2,
    count int4, large int8, ratio float8, single float4, price numeric(12, 2), done bool, key uuid, data jsonb, at timestamp,
    at_zone timestamptz, day date, hour time, tags text[])`);
  const thing = {
    name: "first; :1 'quoted' ü", short: "s", small: -3, count: 42, large: 9007199254740991, ratio: 0.1, single: 1.5,
    price: "12345.60", done: true, key: randomUUID(), data: { a: [1, null, "x"] }, at: new Date("2024-03-01T02:03:04.567Z"),
    atZone: new Date("2024-03-01T02:03:04.567Z"), day: "2024-02-29", hour: "10:30:00", tags: sql`array['a', 'b c']`,
  };
  const [inserted] = await db.insert(things).values(thing).returning();
  assert.deepEqual(inserted, { ...thing, id: 1, tags: ["a", "b c"] });
  await db.insert(things).values(Array.from({ length: 12 }, (_, i) => ({ name: `n${i}`, count: i })));
  const found = await db.select({ name: things.name }).from(things)
    .where(and(gt(things.count, 8), inArray(things.name, ["n9", "n10", "n11", "none"]))).orderBy(things.count).limit(2);
  assert.deepEqual(found, [{ name: "n9" }, { name: "n10" }]);
  const [nulls] = await db.select().from(things).where(eq(things.name, "n0"));
  assert.equal(nulls.data, null);
  await db.update(things).set({ count: 100 }).where(eq(things.name, "n1"));
  assert.equal((await db.delete(things).where(gt(things.count, 99)).returning()).length, 1);
  await assert.rejects(db.insert(things).values({ id: 1, name: "again" }), (e) => /duplicate key/.test(String(e.cause ?? e)));
  await db.execute(sql`DROP TABLE client_things`);
}

async function kyselyQuickStart(client) {
  const db = new Kysely({
    dialect: new DataApiDialect({ mode: "postgres", driver: { client, database, resourceArn, secretArn } }),
  });
  await db.schema.createTable("client_people").ifNotExists()
    .addColumn("id", "serial", (c) => c.primaryKey()).addColumn("name", "text").addColumn("age", "int4")
    .addColumn("born", "timestamp").addColumn("data", "jsonb").addColumn("photo", "bytea").execute();
  const { id } = await db.insertInto("client_people").values({ name: "Ada", age: 36, photo: Buffer.from([0, 1, 255]) })
    .returning("id").executeTakeFirstOrThrow();
  assert.equal(id, 1);
  const [ada] = await db.selectFrom("client_people").selectAll().where("name", "=", "Ada").where("age", ">", 30).execute();
  assert.equal(ada.age, 36);
  assert.deepEqual([...ada.photo], [0, 1, 255]);
  assert.equal(ada.born, null);
  const { numUpdatedRows } = await db.updateTable("client_people").set({ age: 37 }).where("id", "=", 1).executeTakeFirst();
  assert.equal(numUpdatedRows, 1n);
  await db.schema.dropTable("client_people").execute();
}

const clients = { endpoint: [new RDSDataClient(), new RDSData()], shim: Array(2).fill(new LambdaDataApi(functionName)) };
for (const [way, [forDrizzle, forKysely]] of Object.entries(clients)) {
  await drizzleQuickStart(forDrizzle);
  console.log(`drizzle-orm by the ${way}: ok`);
  await kyselyQuickStart(forKysely);
  console.log(`kysely-data-api by the ${way}: ok`);
}
