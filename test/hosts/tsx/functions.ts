// Syntax that has to be compiled, not only stripped: an enum, and parameter properties.
export enum Unit {
  metre = 'm',
}

export class Length {
  constructor(
    readonly value: number,
    readonly unit: Unit,
  ) {}

  async twice(): Promise<string> {
    return `${this.value * 2} ${this.unit}`;
  }
}

export async function add(a: number, b: number): Promise<number> {
  await null;
  return a + b;
}
