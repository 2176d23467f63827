/** libp2p uses it and Node 20 lacks it. Import this before libp2p. */
type Resolvers<T> = { promise: Promise<T>; resolve: (value: T) => void; reject: (reason: unknown) => void };

const target = Promise as unknown as { withResolvers?: <T>() => Resolvers<T> };
target.withResolvers ??= <T>() => {
  const made = {} as Resolvers<T>;
  made.promise = new Promise<T>((resolve, reject) => Object.assign(made, { resolve, reject }));
  return made;
};
