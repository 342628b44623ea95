/** What is called on the other thread: the least that a call can do. */
export const echo = async (value) => value;

export async function callBack(times, callback) {
  let sum = 0;
  for (let i = 0; i < times; i++) sum += callback(i);
  return sum;
}
