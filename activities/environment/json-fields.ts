/** Whether any object of a JSON value has this field, at any depth. */
export function namesField(json: unknown, field: string): boolean {
  if (Array.isArray(json)) return json.some((each) => namesField(each, field));
  if (typeof json !== 'object' || json === null) return false;
  return Object.hasOwn(json, field) || Object.values(json).some((each) => namesField(each, field));
}

/**
 * The objects of an answer that must have `field`: the answer itself, or the elements of the list that it is or wraps
 * (`{"items": […]}`).
 */
export function listedObjects(json: unknown, field: string): object[] {
  if (Array.isArray(json)) return json.filter(isObject);
  if (!isObject(json)) return [];
  if (Object.hasOwn(json, field)) return [json];
  const list = Object.values(json).find(Array.isArray);
  return list === undefined ? [json] : list.filter(isObject);
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
