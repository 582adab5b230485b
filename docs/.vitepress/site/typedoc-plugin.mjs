import { Converter, ReflectionKind } from 'typedoc';

/**
 * A plugin of TypeDoc. An entry point has the name by which one imports it, and a parameter that a function takes apart is
 * called `options`, as its docstring calls it.
 */
export function load(app) {
  app.converter.on(Converter.EVENT_CREATE_PARAMETER, (_context, parameter) => {
    if (parameter.name === '__namedParameters') parameter.name = 'options';
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.Module)) {
      module.name = module.name === 'index' ? 'colloquy' : `colloquy/${module.name}`;
    }
  });
}
