/** The signature against the specification's published vector and against a verification that shares no code with it. */
import { expect, it } from 'vitest'
import { Redacted, reveal } from '../../../../src/lib/redacted.js'
import { newSecret, signedHeaders } from '../../../../src/webhooks/outbound/signature.js'
import { verify } from '../../../support/webhook-receiver.js'

/** https://github.com/standard-webhooks/standard-webhooks: the vector that all of its libraries are tested with. */
const VECTOR = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: 1614265330,
  payload: '{"test": 2432232314}',
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
}

it('is the one of the published vector', () => {
  const { secret, signature, ...content } = VECTOR
  expect(signedHeaders([new Redacted(secret)], content)).toEqual({
    'webhook-id': VECTOR.id,
    'webhook-timestamp': '1614265330',
    'webhook-signature': signature,
  })
})

it('is verified by the text of the specification, which also verifies the published vector', () => {
  const vector = {
    'webhook-id': VECTOR.id,
    'webhook-timestamp': String(VECTOR.timestamp),
    'webhook-signature': VECTOR.signature,
  }
  expect(verify(VECTOR.secret, vector, VECTOR.payload, VECTOR.timestamp)).toBe(true)
  const secret = newSecret()
  const content = { id: 'msg_1', timestamp: 1_700_000_000, payload: '{"type":"żółć 👩"}' }
  const headers = signedHeaders([secret], content)
  const isGood = (text: string, body: string, at: number) => verify(text, headers, body, at)
  expect(isGood(reveal(secret), content.payload, content.timestamp)).toBe(true)
  expect(isGood(reveal(newSecret()), content.payload, content.timestamp)).toBe(false)
  expect(isGood(reveal(secret), `${content.payload} `, content.timestamp)).toBe(false)
  expect(isGood(reveal(secret), content.payload, content.timestamp + 301)).toBe(false)
  expect(verify(reveal(secret), { ...headers, 'webhook-id': 'msg_2' }, content.payload, 1_700_000_000)).toBe(
    false,
  )
})

it('is made by every secret that signs, so that a receiver may know either', () => {
  const [old, young] = [newSecret(), newSecret()]
  const content = { id: 'msg_1', timestamp: 1_700_000_000, payload: '{}' }
  const headers = signedHeaders([young, old], content)
  expect(headers['webhook-signature']?.split(' ')).toHaveLength(2)
  for (const secret of [old, young])
    expect(verify(reveal(secret), headers, '{}', content.timestamp)).toBe(true)
})

it('takes secrets of 32 random bytes, with the prefix that tells them', () => {
  const secret = reveal(newSecret())
  expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
  expect(reveal(newSecret())).not.toBe(secret)
})
