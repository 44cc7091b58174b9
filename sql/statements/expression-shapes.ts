import type { Shapes } from './walk';

const value = 'node';

/** Of expressions over names and constants, in proofs and queries alike. */
export const expressionShapes: Shapes = {
  ColumnRef: { fields: 'data', location: 'data' },
  A_Const: { ival: 'data', fval: 'data', boolval: 'data', sval: 'data', isnull: 'data', location: 'data' },
  A_Expr: {
    ...{ kind: 'data', name: 'data', lexpr: value, rexpr: value, location: 'data' },
    ...{ rexpr_list_start: 'data', rexpr_list_end: 'data' },
  },
  List: { items: 'nodes' },
  BoolExpr: { boolop: 'data', args: 'nodes', location: 'data' },
  NullTest: { arg: value, nulltesttype: 'data', location: 'data' },
  BooleanTest: { arg: value, booltesttype: 'data', location: 'data' },
  CaseExpr: { arg: value, args: 'nodes', defresult: value, location: 'data' },
  CaseWhen: { expr: value, result: value, location: 'data' },
  CoalesceExpr: { args: 'nodes', location: 'data' },
  MinMaxExpr: { op: 'data', args: 'nodes', location: 'data' },
  FuncCall: { funcname: 'data', args: 'nodes', funcformat: 'data', location: 'data' },
  TypeCast: { arg: value, typeName: { bare: 'TypeName' }, location: 'data' },
  TypeName: { names: 'data', typemod: 'data', location: 'data' },
};
