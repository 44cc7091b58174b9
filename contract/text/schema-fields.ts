import { z } from 'zod';

/** Names of the fields that a schema knows at a place of its data; of all variants where there are several. */
export const fieldsAt = (schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] => [
  ...new Set(
    schemasAt(schema, path)
      .flatMap(variants)
      .flatMap((variant) => (variant instanceof z.ZodObject ? Object.keys(variant.shape) : [])),
  ),
];

/** Whether data may lack this place and get a default there. */
export const hasDefaultAt = (schema: z.core.$ZodType, path: readonly PropertyKey[]): boolean =>
  schemasAt(schema, path).some((found) => found instanceof z.ZodDefault || found instanceof z.ZodPrefault);

function schemasAt(schema: z.core.$ZodType, [step, ...rest]: readonly PropertyKey[]): z.core.$ZodType[] {
  if (step === undefined) return [schema];
  return variants(schema).flatMap((variant) => {
    const part = partOf(variant, step);
    return part === undefined ? [] : schemasAt(part, rest);
  });
}

function partOf(schema: z.core.$ZodType, step: PropertyKey): z.core.$ZodType | undefined {
  if (schema instanceof z.ZodObject) return (schema.shape as Record<string, z.core.$ZodType>)[String(step)];
  if (schema instanceof z.ZodArray) return schema.element;
  return schema instanceof z.ZodRecord ? schema.valueType : undefined;
}

/** Without what only says how data may be absent or is changed afterwards; the options of a union. */
function variants(schema: z.core.$ZodType): z.core.$ZodType[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option: z.core.$ZodType) => variants(option));
  if (schema instanceof z.ZodPipe) return variants(schema.in);
  const isWrapper =
    schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault;
  return isWrapper ? variants(schema.unwrap()) : [schema];
}
