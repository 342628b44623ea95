// The async work that the rule needs, in a module of its own: that is how the service thread finds it.
import { format as prettierFormat, resolveConfig } from 'prettier';

/** The text as Prettier writes it, by the configuration that Prettier finds for the file and by these options. */
export async function format(source, { filepath, ...options }) {
  const found = await resolveConfig(filepath, { editorconfig: true });
  try {
    return await prettierFormat(source, { ...found, ...options, filepath });
  } catch (error) {
    // The parser's own error beneath a syntax error may hold functions, which no thread can be sent; message, place and
    // code frame are the error's own.
    delete error.cause;
    throw error;
  }
}
