/** A proxy that stands for something elsewhere: what it is cannot be changed here. */
export class Fixed {
  defineProperty(): boolean {
    return false;
  }

  setPrototypeOf(): boolean {
    return false;
  }

  preventExtensions(): boolean {
    return false;
  }
}
