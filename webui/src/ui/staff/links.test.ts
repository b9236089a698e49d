import { expect, test } from 'vitest'
import { pieces, toType } from './links.ts'

test.each([
  ['192.168.1.20', '192.168.1.20'],
  ['192.168.1.20:8080', '192.168.1.20:8080'],
  ['[2001:db8::1]:8080', '[2001:db8::1]:8080'],
  ['downbeat.local', 'http://downbeat.local'],
  ['downbeat-x7k2.local', 'http://downbeat-x7k2.local'],
  ['downbeat.local:8080', 'downbeat.local:8080'],
])('%s is typed as %s', (address, want) => {
  expect(toType(address)).toBe(want)
})

test.each([
  ['192.168.1.20:33331', ['192.168.1.20:33331']],
  ['http://downbeat.local', ['http://downbeat.local']],
  ['[2001:db8::1]:8080', ['[2001:', 'db8::', '1]:8080']],
])('%s may break between %j', (address, want) => {
  expect(pieces(address)).toEqual(want)
})
