import { roles as allRoles, type Role } from '../../contract/run/names';

/** `control,staging` of a command line; absent = all. @throws Error that names what is no role */
export function readRoles(text = 'all'): readonly Role[] {
  if (text === 'all') return allRoles;
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !(allRoles as readonly string[]).includes(name));
  if (unknown.length > 0) throw new Error(`expected roles of ${allRoles.join(', ')}, found ${unknown.join(', ')}`);
  return allRoles.filter((role) => names.includes(role));
}
