/** The page entry of a program that has no page: what it offers is in its exposed modules. */
export {};
