/** 在售的饮品。真实的店从数据库或收银系统里读。 */
export const drinks = [
  { value: 'pearl', label: '珍珠奶茶', synonyms: ['珍奶'], price: 15 },
  { value: 'lemon', label: '手打柠檬茶', synonyms: ['柠檬茶'], price: 13 },
  { value: 'coconut', label: '生椰拿铁', synonyms: ['拿铁'], price: 18 },
] as const;

export const sweets = [
  { value: 'full', label: '正常糖', synonyms: ['全糖'] },
  { value: 'half', label: '少糖', synonyms: ['半糖'] },
  { value: 'none', label: '无糖', synonyms: ['不加糖', '不要糖'] },
] as const;

export interface Choice {
  readonly drink?: (typeof drinks)[number]['value'];
  readonly sweet?: (typeof sweets)[number]['value'];
  readonly cups?: number;
}

/** 一份点单念给用户听的样子：“2 杯珍珠奶茶，少糖”。 */
export function describe({ drink, sweet, cups = 1 }: Choice): string {
  const name = drinks.find(({ value }) => value === drink)?.label ?? '';
  const sugar = sweets.find(({ value }) => value === sweet)?.label ?? '';
  return `${cups} 杯${name}，${sugar}`;
}

export function priceOf({ drink, cups = 1 }: Choice): number {
  return (drinks.find(({ value }) => value === drink)?.price ?? 0) * cups;
}

/** 顾客点了头的一份点单，连同念给他听的价钱。 */
export interface Sale extends Choice {
  readonly yuan: number;
}
