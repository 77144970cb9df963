/** Ready choices: all, what was billed, or what was paid. */
import type { Preset } from '../../src/provider/index.js'

export const presets: readonly Preset[] = [
  { id: 'all', label: 'Everything', description: 'All streams, each hour.', syncFrequency: 'hourly' },
  {
    id: 'invoices',
    label: 'Invoices only',
    description: 'Invoices as they change, each hour.',
    streams: ['invoices'],
    syncFrequency: 'hourly',
  },
  {
    id: 'billing',
    label: 'Customers and invoices',
    description: 'Who was billed and for what, each day.',
    streams: ['customers', 'invoices'],
    syncFrequency: 'daily',
  },
  {
    id: 'money',
    label: 'Money only',
    description: 'Payments and payouts.',
    streams: ['payments', 'payouts'],
  },
]
