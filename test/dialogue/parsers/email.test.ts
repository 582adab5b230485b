import { describe, expect, it } from 'vitest';
import { email } from '../../../src/dialogue/parsers/email.ts';
import { read } from './reading.ts';

describe('email', () => {
  it.each([
    ['a@b.com', 'a@b.com'],
    ['Me@Example.COM', 'Me@example.com'],
    ['ａ＠ｂ．ｃｏｍ', 'a@b.com'],
    ['我的邮箱是a.b+c@d.co.uk谢谢', 'a.b+c@d.co.uk'],
    ['It is <x@y.org>.', 'x@y.org'],
    ["'x@y.org'", 'x@y.org'],
    ['mailto:x@y.org', 'x@y.org'],
    ['x@y.org or x@Y.ORG', 'x@y.org'],
    ['a@b', 'issue.email'],
    ['a@-b.com', 'issue.email'],
    ['a@b..com', 'issue.email'],
    ['@b.com', 'issue.email'],
    ['a b.com', 'issue.email'],
    [`${'a'.repeat(65)}@b.com`, 'issue.email'],
    [`a@${'b.'.repeat(130)}com`, 'issue.email'],
    ['a@b.com, c@d.com', 'issue.severalEmails'],
  ])('reads %j as %s', (said, value) => {
    expect(read(email(), said)).toBe(value);
  });
});
