export const never = () => {};
if (process.env.ISTHMUS_LOADS !== 'yes') throw new RangeError('this module does not load');
