import type { Field } from '@flowbit/api';
import { describe, expect, it } from 'vitest';
import { missingToSolve, readValue, valueAt } from './field-value';

describe('what was typed', () => {
  it('is kept as its kind, and nothing is null', () => {
    expect(readValue('text', ' A1 ')).toBe('A1');
    expect(readValue('number', '-2.5')).toBe(-2.5);
    expect(readValue('number', ' ')).toBeNull();
    expect(readValue('date', '2026-01-31')).toBe('2026-01-31');
  });

  it('is left to the server when it is no number', () => {
    expect(readValue('number', '12 boxes')).toBe('12 boxes');
  });
});

describe('what is missing before a ticket can be solved', () => {
  const field = (key: string, required: Field['required']): Field => ({
    id: key,
    key,
    label: key,
    kind: 'text',
    options: [],
    required,
    shownToRequesters: false,
    position: 0,
    active: true,
    version: 1,
    createdAt: '2026-01-31T08:15:00.000Z',
    updatedAt: '2026-01-31T08:15:00.000Z',
  });

  it('are the required ones without a value; false and 0 are values', () => {
    const fields = ['a', 'b', 'c', 'd'].map((key) => field(key, 'solve'));
    const missing = missingToSolve([...fields, field('e', 'create')], { a: 0, b: false, c: null });
    expect(missing.map(({ key }) => key)).toEqual(['c', 'd']);
  });

  it('is a field that is called as everything that each object has', () => {
    expect(missingToSolve([field('constructor', 'solve')], {}).length).toBe(1);
    expect(valueAt({ constructor: 'x' }, 'constructor')).toBe('x');
    expect(valueAt(undefined, 'toString')).toBeUndefined();
  });
});
