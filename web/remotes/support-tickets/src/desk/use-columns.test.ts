import { expect, it } from 'vitest';
import { columnsFor } from './use-columns';

it('folds the side first, then the views, then all but one', () => {
  expect(columnsFor(1220)).toEqual({ isSingle: false, hasViews: true, hasSide: true });
  expect(columnsFor(1060)).toEqual({ isSingle: false, hasViews: true, hasSide: false });
  expect(columnsFor(900)).toEqual({ isSingle: false, hasViews: false, hasSide: false });
  expect(columnsFor(390)).toEqual({ isSingle: true, hasViews: false, hasSide: false });
});
