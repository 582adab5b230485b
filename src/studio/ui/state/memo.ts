import { Component, type ComponentChild, type ComponentType } from 'preact';

/** A component that is drawn again only when one of its properties is another value. */
export function memo<Props extends object>(
  draw: (props: Props) => ComponentChild,
): ComponentType<Props> {
  return class Memo extends Component<Props> {
    override shouldComponentUpdate(next: Readonly<Props>): boolean {
      const [before, after] = [this.props, next] as Record<string, unknown>[];
      const keys = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
      return [...keys].some((key) => !Object.is(before?.[key], after?.[key]));
    }

    override render(props: Props): ComponentChild {
      return draw(props);
    }
  };
}
