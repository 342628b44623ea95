// What a program that runs on every runtime says: one JSON line for each thing that it tries, as it tries it.
export async function say(name, work) {
  let outcome;
  try {
    outcome = { value: await work() };
  } catch (error) {
    const cause = error?.cause?.message;
    outcome = { code: error?.code ?? String(error), ...(cause && { cause }) };
  }
  console.log(JSON.stringify({ name, ...outcome }));
}
