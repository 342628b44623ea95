// Jest without --experimental-vm-modules cannot load an ES module inside a test, but it can here, outside.
import * as isthmus from 'isthmus';
import { TestEnvironment } from 'jest-environment-node';

export default class extends TestEnvironment {
  async setup() {
    await super.setup();
    this.global.isthmus = isthmus;
  }
}
