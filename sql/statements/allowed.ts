/**
 * What statements of a plan may call, by its name in `pg_catalog`. None of these reads a table, a file or the session, has
 * an effect, takes text for code, or makes a huge value by one call (`repeat`, `lpad`). Whatever is not here is refused.
 */

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

/** Of a proof: immutable. */
export const proofFunctions = words(
  `encode decode convert_to sha224 sha256 sha384 sha512 md5 lower upper btrim ltrim rtrim concat replace substr substring
  left right length char_length character_length octet_length position strpos overlay split_part starts_with translate
  reverse like_escape abs round trunc ceil ceiling floor`,
);

/** Of selects besides. */
export const furtherFunctions = words(
  `initcap concat_ws bit_length ascii to_hex similar_to_escape sign mod
    now clock_timestamp statement_timestamp transaction_timestamp date_trunc date_part extract age timezone make_date
    to_char array_length cardinality array_position jsonb_typeof json_typeof jsonb_array_length json_array_length
    jsonb_extract_path jsonb_extract_path_text json_extract_path json_extract_path_text
    count sum avg min max bool_and bool_or every string_agg array_agg
    row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value`,
);

/** Of selects: both. */
export const queryFunctions: ReadonlySet<string> = new Set([...proofFunctions, ...furtherFunctions]);

/** Comparisons, text, and numbers. No division, see `plainOperators`. */
export const proofOperators = words('= <> < > <= >= || + - * / % ~~ !~~ ~~* !~~*');

/** Of queries besides: patterns, JSON, arrays and ranges. */
export const queryOperators: ReadonlySet<string> = new Set([
  ...proofOperators,
  ...words('~ !~ ~* !~* -> ->> #> #>> @> <@ ? ?| ?& && ^@'),
]);

/** Those to which a proof may cast. */
export const proofTypes = words('text integer bigint numeric');

/** Of queries. No type whose value names an object of the server (`regclass`), and nobody's own. */
export const queryTypes: ReadonlySet<string> = new Set([
  ...proofTypes,
  ...words(
    'smallint real boolean character date time timetz timestamp timestamptz interval uuid json jsonb bytea inet cidr',
  ),
  ...['double precision', 'character varying'],
]);
