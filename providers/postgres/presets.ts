/** Ready choices: tables that tell when they changed, and tables that do not. */
import type { Preset } from '../../src/provider/index.js'

export const presets: readonly Preset[] = [
  {
    id: 'orders-by-updated-at',
    label: 'Orders by updated_at',
    description: 'A table with a column that tells when a row last changed, every hour. Deleted rows stay.',
    streams: ['changes'],
    syncFrequency: 'hourly',
    fields: { tables: 'public.orders', watermark: 'updated_at' },
  },
  {
    id: 'events-by-id',
    label: 'Events by id',
    description: 'A table to which rows are only added, by its growing number, every hour.',
    streams: ['changes'],
    syncFrequency: 'hourly',
    fields: { tables: 'public.events', watermark: 'id' },
  },
  {
    id: 'whole-tables',
    label: 'Whole tables',
    description: 'Tables without such a column, every day: all rows are read, and deleted ones are found.',
    streams: ['rows'],
    syncFrequency: 'daily',
    fields: { tables: 'public.products' },
  },
]
