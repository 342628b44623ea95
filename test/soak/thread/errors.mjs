// Errors by a recipe of plain data, so that both sides can make the same one; and what of an error has to cross.
const classes = { Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError };

/** The error of a recipe `{ kind, message, code?, extra?, cause?, errors? }`. */
export function makeError({ kind, message, code, extra, cause, errors }) {
  const options = cause && { cause: makeError(cause) };
  const error = errors
    ? new AggregateError(errors.map(makeError), message, options)
    : new classes[kind](message, options);
  return Object.assign(error, code && { code }, extra && { extra });
}

/** All that has to be the same on the other side, as plain data. */
export function factsOf(error) {
  if (!(error instanceof Error)) return { thrown: error };
  const { name, message, cause, errors } = error;
  return {
    class: Object.getPrototypeOf(error).constructor.name,
    name,
    message,
    own: { ...error },
    cause: cause && factsOf(cause),
    errors: errors?.map(factsOf),
  };
}

export function recipes({ below, pick }, values) {
  const recipe = (token, depth = 0) => ({
    kind: pick(Object.keys(classes)),
    message: `${token} at depth ${depth}`,
    ...(below(2) && { code: `E_${token}` }),
    ...(below(3) === 0 && { extra: values.any() }),
    ...(depth < 3 && below(3) === 0 && { cause: recipe(token, depth + 1) }),
    ...(depth < 2 && below(6) === 0 && { errors: [recipe(token, depth + 1), recipe(token, depth + 1)] }),
  });
  return recipe;
}
