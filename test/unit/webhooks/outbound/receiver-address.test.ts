import { describe, expect, it } from 'vitest'
import { receiverAt } from '../../../../src/webhooks/outbound/receiver-address.js'

describe('an address of a receiver', () => {
  it.each(['https://app.example/hooks', 'https://8.8.8.8:8443/x?y=1', 'https://[2606:4700::1111]/'])(
    'may be %s',
    (text) => {
      expect(receiverAt(text, [])).toEqual({ url: new URL(text), reach: 'public' })
    },
  )

  it.each([
    ['http://app.example/', 'must be https'],
    ['ftp://app.example/', 'must be https'],
    ['app.example', 'must be an absolute address'],
    ['https://user:pass@app.example/', 'must not hold a name or a password'],
    ['https://app.example/#part', 'must not have a fragment'],
    ['https://localhost/', 'must be an address of the public internet'],
    ['https://127.0.0.1/', 'must be an address of the public internet'],
    ['https://2130706433/', 'must be an address of the public internet'],
    ['https://169.254.169.254/latest', 'must be an address of the public internet'],
    ['https://[::1]/', 'must be an address of the public internet'],
    ['https://[::ffff:10.0.0.1]/', 'must be an address of the public internet'],
    [`https://app.example/${'x'.repeat(2_000)}`, 'must have at most 2000 characters'],
  ])('may not be %s', (text, why) => {
    expect(receiverAt(text, [])).toBe(why)
  })

  it('may be what the operator allowed, to the exact origin', () => {
    const allowed = ['http://127.0.0.1:8080']
    expect(receiverAt('http://127.0.0.1:8080/hooks', allowed)).toMatchObject({ reach: 'operator' })
    expect(receiverAt('http://127.0.0.1:8081/hooks', allowed)).toBe('must be https')
  })
})
